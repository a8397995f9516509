<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:key name="member" match="member" use="@id"/>
<xsl:template match="/">
  <loans><xsl:for-each select="library/book/loan">
    <loan book="{../@isbn}"><title><xsl:value-of select="../title"/></title>
      <xsl:for-each select="key('member', @member)[1]"><reader><xsl:value-of select="name"/></reader></xsl:for-each>
      <open><xsl:value-of select="not(to)"/></open></loan>
  </xsl:for-each></loans>
</xsl:template>
</xsl:stylesheet>
