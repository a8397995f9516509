<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" exclude-result-prefixes="xs t">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:param name="text" as="xs:string"/>
<xsl:function name="t:cells" as="xs:string*"><xsl:param name="line"/>
  <xsl:analyze-string select="$line || ','" regex='("(([^"]|"")*)"|([^,"]*)),'><xsl:matching-substring><xsl:sequence select="if (starts-with(., '&quot;')) then replace(regex-group(2), '&quot;&quot;', '&quot;') else regex-group(4)"/></xsl:matching-substring></xsl:analyze-string>
</xsl:function>
<xsl:variable name="rows" as="element()*"><xsl:for-each select="tail(tokenize($text, '\n'))[. != '']"><xsl:variable name="c" select="t:cells(.)"/><row region="{$c[1]}" city="{$c[2]}" sold="{$c[3]}" price="{$c[4]}"/></xsl:for-each></xsl:variable>

<xsl:template name="main"><sales><xsl:for-each-group select="$rows" group-adjacent="@region">
  <region><xsl:copy-of select="@region[. != '']/t:as('name', .)"/><sold><xsl:value-of select="sum(current-group()/@sold[. != '']/xs:integer(.))"/></sold>
  <xsl:for-each select="current-group()[@sold != '']"><city><name><xsl:value-of select="if (@city = '') then '?' else @city"/></name>
    <xsl:if test="@price != ''"><value><xsl:value-of select="xs:integer(@sold) * xs:decimal(@price)"/></value></xsl:if></city></xsl:for-each></region>
</xsl:for-each-group></sales></xsl:template>
<xsl:function name="t:as"><xsl:param name="name"/><xsl:param name="value"/><xsl:attribute name="{$name}" select="$value"/></xsl:function>
</xsl:stylesheet>
