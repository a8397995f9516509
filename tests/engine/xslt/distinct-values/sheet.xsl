<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="xs o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <list><xsl:for-each-group select="o:orders/o:order/o:tag" group-by="string()">
    <xsl:sort select="current-grouping-key()" collation="http://www.w3.org/2005/xpath-functions/collation/codepoint"/>
    <tag name="{current-grouping-key()}" times="{count(current-group())}"/></xsl:for-each-group>
    <all><xsl:value-of select="o:orders/o:order/@id" separator=", "/></all></list>
</xsl:template>
</xsl:stylesheet>
