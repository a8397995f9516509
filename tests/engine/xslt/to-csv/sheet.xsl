<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="xs o">
<xsl:output method="text" encoding="UTF-8"/>
<xsl:template match="/">order,line,sku,amount,text
<xsl:for-each select="//o:line[o:qty &gt; 0]"><xsl:for-each select="string(../../@id), string(@no), upper-case(o:sku), string(xs:integer(o:qty) * xs:decimal(o:price)), string(o:text)">
<xsl:value-of select="if (matches(., '[,&quot;\n\r]')) then '&quot;' || replace(., '&quot;', '&quot;&quot;') || '&quot;' else ."/>
<xsl:value-of select="if (position() lt 5) then ',' else '&#10;'"/></xsl:for-each></xsl:for-each></xsl:template>
</xsl:stylesheet>
