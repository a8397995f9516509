<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="xs o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <list><xsl:for-each select="o:orders/o:order">
    <xsl:sort select="boolean(@priority)"/>
    <xsl:sort select="xs:integer(@priority)" order="descending"/>
    <xsl:sort select="xs:date(o:placed)"/>
    <xsl:sort select="string(@id)" order="descending" collation="http://www.w3.org/2005/xpath-functions/collation/codepoint"/>
    <order><id><xsl:value-of select="@id"/></id><placed><xsl:value-of select="o:placed"/></placed>
      <xsl:for-each select="o:lines/o:line"><xsl:sort select="xs:integer(o:qty) * xs:decimal(o:price)" order="descending"/>
        <line><xsl:value-of select="o:sku"/></line></xsl:for-each></order>
  </xsl:for-each></list>
</xsl:template>
</xsl:stylesheet>
