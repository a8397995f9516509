<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" exclude-result-prefixes="xs t">
<xsl:output method="text" encoding="UTF-8"/>
<xsl:param name="text" as="xs:string"/>
<xsl:function name="t:cells" as="xs:string*"><xsl:param name="line"/>
  <xsl:analyze-string select="$line || ','" regex='("(([^"]|"")*)"|([^,"]*)),'><xsl:matching-substring><xsl:sequence select="if (starts-with(., '&quot;')) then replace(regex-group(2), '&quot;&quot;', '&quot;') else regex-group(4)"/></xsl:matching-substring></xsl:analyze-string>
</xsl:function>
<xsl:variable name="rows" as="element()*"><xsl:for-each select="tail(tokenize($text, '\n'))[. != '']"><xsl:variable name="c" select="t:cells(.)"/><row region="{$c[1]}" city="{$c[2]}" sold="{$c[3]}" price="{$c[4]}"/></xsl:for-each></xsl:variable>

<xsl:template name="main">place,total,class
<xsl:for-each select="$rows[@sold != ''][xs:integer(@sold) gt 0]"><xsl:variable name="p" select="@city || ' (' || (if (@region = '') then '-' else @region) || ')'"/>
<xsl:value-of select="if (matches($p, '[,&quot;]')) then '&quot;' || replace($p, '&quot;', '&quot;&quot;') || '&quot;' else $p"/>,<xsl:value-of select="xs:integer(@sold) * xs:decimal((@price[. != ''], 0)[1])"/>,<xsl:value-of select="if (xs:integer(@sold) gt 10) then 'A' else if (xs:integer(@sold) gt 3) then 'B' else 'C'"/><xsl:text>&#10;</xsl:text></xsl:for-each></xsl:template>
</xsl:stylesheet>
