<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <list><xsl:for-each select="o:orders/o:order[@status='open'][position() &lt;= 2]">
    <order><id><xsl:value-of select="@id"/></id>
      <xsl:for-each select="o:lines/o:line[1]"><line><xsl:value-of select="o:sku"/></line></xsl:for-each>
      <xsl:for-each select="o:lines/o:line[position() &gt; last() - 2]"><last><xsl:value-of select="o:sku"/></last></xsl:for-each>
      <xsl:for-each select="o:lines/o:line[2]"><second><xsl:value-of select="o:sku"/></second></xsl:for-each></order>
  </xsl:for-each></list>
</xsl:template>
</xsl:stylesheet>
