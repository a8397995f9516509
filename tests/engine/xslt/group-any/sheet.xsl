<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:key name="by-customer" match="o:order" use="o:customer/@id"/>
<xsl:template match="/">
  <customers><xsl:for-each select="o:orders/o:order[generate-id() = generate-id(key('by-customer', o:customer/@id)[1])]">
    <xsl:variable name="all" select="key('by-customer', o:customer/@id)"/>
    <customer id="{o:customer/@id}"><name><xsl:value-of select="o:customer/o:name"/></name>
      <orders><xsl:value-of select="count($all)"/></orders><pieces><xsl:value-of select="sum($all/o:lines/o:line/o:qty)"/></pieces>
      <xsl:for-each select="$all"><order id="{@id}"><placed><xsl:value-of select="o:placed"/></placed></order></xsl:for-each>
    </customer>
  </xsl:for-each></customers>
</xsl:template>
</xsl:stylesheet>
