<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <list><xsl:for-each select="o:orders/o:order[@status != 'cancelled' and o:lines/o:line]">
    <xsl:variable name="n" select="sum(o:lines/o:line/o:qty)"/>
    <entry><id><xsl:value-of select="@id"/></id>
      <class><xsl:choose><xsl:when test="not(@priority)">normal</xsl:when><xsl:when test="@priority &lt; 2">urgent</xsl:when><xsl:otherwise>soon</xsl:otherwise></xsl:choose></class>
      <size><xsl:choose><xsl:when test="$n &gt; 10">large</xsl:when><xsl:when test="$n &gt; 2">medium</xsl:when><xsl:otherwise>small</xsl:otherwise></xsl:choose></size>
      <xsl:for-each select="o:lines/o:line[o:qty &gt;= 5 or o:price &gt; 50]"><big><xsl:value-of select="o:sku"/></big></xsl:for-each>
    </entry>
  </xsl:for-each></list>
</xsl:template>
</xsl:stylesheet>
