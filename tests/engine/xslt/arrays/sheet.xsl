<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="xs o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <list><xsl:for-each select="o:orders/o:order">
    <order><xsl:for-each select="o:tag"><tag><xsl:value-of select="."/></tag></xsl:for-each>
      <xsl:for-each select="o:lines/o:line"><price><xsl:value-of select="o:price"/></price></xsl:for-each>
      <xsl:for-each select="o:lines/o:line"><value><xsl:value-of select="xs:integer(o:qty) * xs:decimal(o:price)"/></value></xsl:for-each>
      <words><xsl:value-of select="o:tag" separator="+"/></words></order>
  </xsl:for-each></list>
</xsl:template>
</xsl:stylesheet>
