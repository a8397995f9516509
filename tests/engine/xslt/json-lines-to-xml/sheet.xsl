<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" exclude-result-prefixes="xs">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:param name="text" as="xs:string"/>
<xsl:template name="main"><xsl:variable name="all" select="tokenize($text, '\n')[normalize-space()] ! parse-json(.)"/><customers>
<xsl:for-each select="$all[?lines gt 0]"><customer id="{?id}"><name><xsl:value-of select="?customer?name"/></name><mail><xsl:value-of select="(?customer?mail, 'none')[1]"/></mail>
<size><xsl:value-of select="if (?lines gt 5) then 'large' else 'small'"/></size></customer></xsl:for-each><count><xsl:value-of select="count($all)"/></count></customers></xsl:template>
</xsl:stylesheet>
