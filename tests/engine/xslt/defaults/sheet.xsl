<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <list><xsl:for-each select="o:orders/o:order">
    <order><mail><xsl:choose><xsl:when test="o:customer/o:email"><xsl:value-of select="o:customer/o:email"/></xsl:when><xsl:otherwise>missing</xsl:otherwise></xsl:choose></mail>
      <xsl:if test="string(o:customer/o:email)"><mail-or-none><xsl:value-of select="o:customer/o:email"/></mail-or-none></xsl:if>
      <zip><xsl:choose><xsl:when test="string(o:customer/o:address[1]/o:zip)"><xsl:value-of select="o:customer/o:address[1]/o:zip"/></xsl:when><xsl:otherwise>none</xsl:otherwise></xsl:choose></zip>
      <xsl:for-each select="o:lines/o:line"><discount><xsl:choose><xsl:when test="o:discount"><xsl:value-of select="o:discount"/></xsl:when><xsl:otherwise>0</xsl:otherwise></xsl:choose>%</discount></xsl:for-each>
      <priority><xsl:choose><xsl:when test="@priority"><xsl:value-of select="@priority"/></xsl:when><xsl:otherwise>9</xsl:otherwise></xsl:choose></priority>
      <xsl:if test="o:comment"><comment><xsl:value-of select="o:comment"/></comment></xsl:if>
      <required><xsl:value-of select="o:comment"/></required></order>
  </xsl:for-each></list>
</xsl:template>
</xsl:stylesheet>
