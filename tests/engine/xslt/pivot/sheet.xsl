<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <people><xsl:for-each select="library/member">
    <person id="{@id}"><xsl:for-each select="property[@key='city'][1]"><city><xsl:value-of select="value"/></city></xsl:for-each>
      <xsl:for-each select="property[@key='phone'][1]"><phone><xsl:value-of select="value"/></phone></xsl:for-each>
      <level><xsl:choose><xsl:when test="property[@key='level']"><xsl:value-of select="property[@key='level'][1]/value"/></xsl:when><xsl:otherwise>0</xsl:otherwise></xsl:choose></level></person>
  </xsl:for-each></people>
</xsl:template>
</xsl:stylesheet>
