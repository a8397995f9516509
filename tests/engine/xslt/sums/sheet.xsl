<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="xs o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/o:orders">
  <report><orders><xsl:value-of select="count(o:order)"/></orders><pieces><xsl:value-of select="sum(o:order/o:lines/o:line/xs:integer(o:qty))"/></pieces>
  <xsl:if test="o:order/o:lines/o:line"><most><xsl:value-of select="max(o:order/o:lines/o:line/xs:integer(o:qty))"/></most></xsl:if>
  <xsl:for-each select="o:order">
    <order id="{@id}"><lines><xsl:value-of select="count(o:lines/o:line)"/></lines>
      <net><xsl:value-of select="sum(o:lines/o:line/(xs:integer(o:qty) * xs:decimal(o:price)), 0)"/></net>
      <xsl:if test="o:lines/o:line">
      <xsl:variable name="prices" as="element()*"><xsl:perform-sort select="o:lines/o:line/o:price"><xsl:sort select="xs:decimal(.)"/></xsl:perform-sort></xsl:variable>
      <cheapest><xsl:value-of select="$prices[1]"/></cheapest><dearest><xsl:value-of select="$prices[last()]"/></dearest></xsl:if></order>
  </xsl:for-each></report>
</xsl:template>
</xsl:stylesheet>
