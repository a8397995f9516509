<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/o:orders">
  <list><xsl:if test="o:contact"><xsl:attribute name="last"><xsl:value-of select="o:contact"/></xsl:attribute></xsl:if>
  <xsl:for-each select="o:order">
    <group><id><xsl:value-of select="@id"/></id><xsl:for-each select="o:lines/o:line">
      <line><order><xsl:value-of select="../../@id"/></order><share><xsl:value-of select="concat(@no, ' of ', count(../o:line))"/></share>
        <xsl:if test="/o:orders/o:contact"><contact><xsl:value-of select="/o:orders/o:contact"/></contact></xsl:if>
        <xsl:if test="../../o:customer/o:address"><city><xsl:value-of select="../../o:customer/o:address[1]/o:city"/></city></xsl:if></line>
    </xsl:for-each></group>
  </xsl:for-each></list>
</xsl:template>
</xsl:stylesheet>
