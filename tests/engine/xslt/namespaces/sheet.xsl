<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:f="urn:weft-test:feed" xmlns:g="urn:weft-test:places" exclude-result-prefixes="f g">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/f:feed"><places xmlns="urn:weft-test:out"><xsl:for-each select="f:entry"><place><xsl:copy-of select="@none"/>
  <xsl:if test="@g:lang"><xsl:attribute name="lang"><xsl:value-of select="@g:lang"/></xsl:attribute></xsl:if>
  <name><xsl:value-of select="g:name"/></name><owner><xsl:value-of select="f:name"/></owner><xsl:if test="g:code"><code><xsl:value-of select="g:code"/></code></xsl:if></place></xsl:for-each></places></xsl:template>
</xsl:stylesheet>
