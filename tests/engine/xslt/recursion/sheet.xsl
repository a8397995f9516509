<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/"><company><xsl:apply-templates select="company/unit"/></company></xsl:template>
<xsl:template match="unit">
  <xsl:variable name="level" select="count(ancestor::unit)"/>
  <unit><xsl:attribute name="name"><xsl:for-each select="ancestor::unit"><xsl:value-of select="@name"/>/</xsl:for-each><xsl:value-of select="@name"/></xsl:attribute>
    <xsl:if test="$level = 0 and head"><head><xsl:value-of select="head"/></head></xsl:if>
    <xsl:if test="$level = 1 and ../head"><head><xsl:value-of select="../head"/></head></xsl:if>
    <cost><xsl:choose><xsl:when test="$level = 1"><xsl:value-of select="cost + sum(unit/cost)"/></xsl:when><xsl:otherwise><xsl:value-of select="cost"/></xsl:otherwise></xsl:choose></cost>
    <xsl:if test="$level &lt; 2"><xsl:apply-templates select="unit"/></xsl:if></unit>
</xsl:template>
</xsl:stylesheet>
