<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/o:orders">
  <book><xsl:for-each select="o:order[@status='open']"><open id="{@id}"/></xsl:for-each>
    <customers><xsl:for-each select="o:order/o:customer[string-length(o:name) &gt; 2]"><customer><name><xsl:value-of select="o:name"/></name></customer></xsl:for-each></customers>
    <totals><pieces><xsl:value-of select="sum(o:order/o:lines/o:line/o:qty)"/></pieces></totals>
    <xsl:for-each select="o:order[@status='shipped']"><shipped id="{@id}"><at><xsl:value-of select="o:placed"/></at></shipped></xsl:for-each></book>
</xsl:template>
</xsl:stylesheet>
