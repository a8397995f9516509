<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/article">
  <text><heading><xsl:value-of select="title"/></heading><xsl:for-each select="para">
    <p><own><xsl:for-each select="text()"><xsl:value-of select="."/></xsl:for-each></own>
      <xsl:for-each select="em"><stressed><xsl:value-of select="."/></stressed></xsl:for-each>
      <xsl:if test="link"><target><xsl:value-of select="link[1]/@href"/></target></xsl:if><links><xsl:value-of select="count(link)"/></links></p></xsl:for-each>
    <xsl:for-each select="note"><remark><xsl:for-each select="text()"><xsl:value-of select="."/></xsl:for-each></remark></xsl:for-each></text>
</xsl:template>
</xsl:stylesheet>
