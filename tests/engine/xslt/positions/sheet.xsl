<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <list><xsl:for-each select="o:orders/o:order[@status != 'cancelled']">
    <order n="{position()}"><id><xsl:value-of select="@id"/></id>
      <xsl:for-each select="o:lines/o:line[o:qty &gt; 0]"><line n="{position()}" of="{@no}"><sku><xsl:value-of select="o:sku"/></sku></line></xsl:for-each></order>
  </xsl:for-each></list>
</xsl:template>
</xsl:stylesheet>
