<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" exclude-result-prefixes="xs">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <shelf><xsl:variable name="all" as="element()*"><xsl:for-each-group select="library/book" group-by="xs:integer(year)"><xsl:sort select="current-grouping-key()"/>
    <year of="{current-grouping-key()}"><xsl:for-each select="current-group()"><xsl:sort select="@isbn"/>
      <xsl:if test="position() le 2"><book><isbn><xsl:value-of select="@isbn"/></isbn></book></xsl:if></xsl:for-each>
      <cheapest><xsl:value-of select="current-grouping-key()"/></cheapest></year>
  </xsl:for-each-group></xsl:variable><xsl:sequence select="$all[position() gt last() - 3]"/></shelf>
</xsl:template>
</xsl:stylesheet>
