<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="xs o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/o:orders">
  <list><xsl:if test="o:day"><day><xsl:value-of select="format-date(o:day, '[D01]/[M01]/[Y0001]')"/></day></xsl:if>
  <xsl:for-each select="o:order">
    <xsl:variable name="p" select="xs:date(o:placed)"/>
    <xsl:variable name="first" select="xs:date(concat(substring(o:placed, 1, 7), '-01'))"/>
    <order><placed><xsl:value-of select="format-date($p, '[D01].[M01].[Y0001]')"/></placed>
      <due><xsl:value-of select="format-date($p + xs:dayTimeDuration('P30D'), '[Y0001][M01][D01]')"/></due>
      <month><xsl:value-of select="month-from-date($p)"/></month>
      <old><xsl:value-of select="if ($p lt xs:date('2025-06-01')) then 'old' else 'new'"/></old>
      <days><xsl:value-of select="$first + xs:yearMonthDuration('P1M') - xs:dayTimeDuration('P1D')"/></days></order>
  </xsl:for-each></list>
</xsl:template>
</xsl:stylesheet>
