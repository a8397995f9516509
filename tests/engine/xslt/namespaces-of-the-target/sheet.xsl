<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:g="urn:weft-test:places" exclude-result-prefixes="g">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/library"><feed xmlns="urn:weft-test:feed"><xsl:for-each select="book"><entry id="{@isbn}" g:lang="pt"><name><xsl:value-of select="title"/></name>
  <g:name><xsl:value-of select="author[1]"/></g:name><xsl:if test="loan"><g:code><xsl:value-of select="loan[1]/@member"/></g:code></xsl:if></entry></xsl:for-each></feed></xsl:template>
</xsl:stylesheet>
