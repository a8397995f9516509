<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <list><xsl:for-each select="o:orders/o:order">
    <order><id><xsl:value-of select="@id"/></id><so-far><xsl:value-of select="sum(preceding::o:qty)"/></so-far>
      <xsl:for-each select="o:lines/o:line"><line><number><xsl:value-of select="count(preceding::o:line) + 1"/></number>
        <pieces><xsl:value-of select="sum(preceding::o:qty) + o:qty"/></pieces></line></xsl:for-each></order>
  </xsl:for-each></list>
</xsl:template>
</xsl:stylesheet>
