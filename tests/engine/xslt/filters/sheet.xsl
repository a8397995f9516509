<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <list><xsl:for-each select="o:orders/o:order[@status != 'cancelled']">
    <order><id><xsl:value-of select="@id"/></id>
      <xsl:for-each select="o:customer/o:address[@type='shipping'][1]"><ship-to><xsl:value-of select="o:city"/></ship-to></xsl:for-each>
      <xsl:for-each select="o:customer/o:address[@type='billing'][o:zip][1]"><zip><xsl:value-of select="o:zip"/></zip></xsl:for-each>
      <xsl:for-each select="o:lines/o:line[o:qty &gt; 2][o:tax != 'Z']"><heavy><xsl:value-of select="o:sku"/></heavy></xsl:for-each>
      <pieces><xsl:value-of select="sum(o:lines/o:line[o:price &gt; 1]/o:qty)"/></pieces>
      <south><xsl:choose><xsl:when test="o:customer/o:address/o:country='BR'">yes</xsl:when><xsl:otherwise>no</xsl:otherwise></xsl:choose></south></order>
  </xsl:for-each></list>
</xsl:template>
</xsl:stylesheet>
