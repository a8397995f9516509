<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <people><xsl:for-each select="o:orders/o:order">
    <person name="{o:customer/o:name}"><xsl:if test="o:customer/o:email"><xsl:attribute name="mail"><xsl:value-of select="o:customer/o:email"/></xsl:attribute></xsl:if>
      <xsl:attribute name="orders"><xsl:value-of select="count(o:lines/o:line)"/></xsl:attribute>
      <code><xsl:value-of select="o:customer/@id"/></code>
      <state><xsl:value-of select="translate(@status, 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')"/></state></person>
  </xsl:for-each></people>
</xsl:template>
</xsl:stylesheet>
