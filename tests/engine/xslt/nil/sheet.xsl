<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" exclude-result-prefixes="xs xsi">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <list><xsl:for-each select="library/book"><xsl:variable name="none" select="price/@xsi:nil = 'true'"/>
    <book><title><xsl:value-of select="title"/></title>
      <xsl:choose><xsl:when test="$none"><price xsi:nil="true"/><tax xsi:nil="true"/></xsl:when>
      <xsl:otherwise><price><xsl:value-of select="price"/></price><old><xsl:value-of select="price"/></old><tax><xsl:value-of select="xs:decimal(price) * 2"/></tax></xsl:otherwise></xsl:choose></book>
  </xsl:for-each></list>
</xsl:template>
</xsl:stylesheet>
