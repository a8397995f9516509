<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/o:orders"><invoices><xsl:apply-templates select="o:order"/></invoices></xsl:template>
<xsl:template match="o:order">
  <invoice number="{@id}"><buyer><xsl:value-of select="o:customer/o:name"/></buyer><xsl:apply-templates select="o:lines/o:line"/></invoice>
</xsl:template>
<xsl:template match="o:line">
  <item pos="{@no}"><article><xsl:value-of select="o:sku"/></article><quantity><xsl:value-of select="o:qty"/></quantity></item>
</xsl:template>
</xsl:stylesheet>
