<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" exclude-result-prefixes="xs">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:param name="text" as="xs:string"/>
<xsl:template name="main"><xsl:variable name="d" select="parse-json($text)"/>
<order vip="{$d?buyer?vip}"><buyer><xsl:value-of select="$d?buyer?name"/></buyer><xsl:for-each select="$d?tags?*"><tag><xsl:value-of select="."/></tag></xsl:for-each>
<xsl:for-each select="$d?items?*[?qty gt 0]"><line sku="{?sku}"><xsl:if test="exists(?gift)"><xsl:attribute name="gift" select="?gift"/></xsl:if>
<xsl:if test="exists(?price)"><amount><xsl:value-of select="xs:decimal(string(?qty)) * xs:decimal(string(?price))"/></amount></xsl:if></line></xsl:for-each>
<pieces><xsl:value-of select="sum($d?items?*?qty)"/></pieces></order></xsl:template>
</xsl:stylesheet>
