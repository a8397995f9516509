<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/o:orders">
  <list><xsl:if test="o:day"><head><xsl:if test="@shop"><shop><xsl:value-of select="@shop"/></shop></xsl:if><day><xsl:value-of select="o:day"/></day></head></xsl:if>
  <xsl:for-each select="o:order">
    <order><id><xsl:value-of select="@id"/></id>
      <xsl:for-each select="o:customer/o:address[@type='shipping'][1]"><delivery><city><xsl:value-of select="o:city"/></city>
        <xsl:if test="o:zip"><zip><xsl:value-of select="o:zip"/></zip></xsl:if></delivery></xsl:for-each>
      <xsl:if test="string(o:comment)"><remark by="{o:customer/@id}"><text><xsl:value-of select="o:comment"/></text></remark></xsl:if></order>
  </xsl:for-each></list>
</xsl:template>
</xsl:stylesheet>
