<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="xs o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <list><xsl:for-each select="o:orders/o:order/o:lines/o:line">
    <xsl:variable name="value" select="xs:integer(o:qty) * xs:decimal(o:price)"/>
    <xsl:variable name="rate" select="if (o:tax = 'A') then 20 else if (o:tax = 'B') then 10.5 else if (o:tax = 'C') then 5 else 0"/>
    <line><xsl:variable name="net" select="$value * (100 - xs:decimal((o:discount, 0)[1])) div 100"/>
      <net><xsl:value-of select="format-number(round(abs($net), 2) * (if ($net lt 0) then -1 else 1), '0.00')"/></net>
      <tax><xsl:value-of select="format-number(round($value * $rate div 100, 2), '0.00')"/></tax>
      <whole><xsl:value-of select="round(xs:decimal(o:price))"/></whole>
      <text><xsl:value-of select="format-number(round(xs:decimal(o:price), 2), '0.00')"/></text></line>
  </xsl:for-each></list>
</xsl:template>
</xsl:stylesheet>
