<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <rows><xsl:for-each select="//o:line">
    <row><order><xsl:value-of select="../../@id"/></order><customer><xsl:value-of select="../../o:customer/o:name"/></customer>
      <line><xsl:value-of select="@no"/></line><sku><xsl:value-of select="o:sku"/></sku>
      <xsl:if test="/o:orders/@shop"><shop><xsl:value-of select="/o:orders/@shop"/></shop></xsl:if></row>
  </xsl:for-each></rows>
</xsl:template>
</xsl:stylesheet>
