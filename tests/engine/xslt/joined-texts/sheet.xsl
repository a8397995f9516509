<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" exclude-result-prefixes="xs">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <list><xsl:for-each select="library/book">
    <book authors="{count(author)}"><by><xsl:value-of select="author" separator=" &amp; "/></by><first><xsl:value-of select="author[1]"/></first>
      <readers><xsl:value-of select="if (loan) then string-join(loan/@member, ' ') else 'nobody'"/></readers></book>
  </xsl:for-each></list>
</xsl:template>
</xsl:stylesheet>
