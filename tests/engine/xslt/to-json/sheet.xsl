<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="xs o">
<xsl:output method="text" encoding="UTF-8"/>
<xsl:template match="/o:orders">
  <xsl:variable name="result" as="element()">
  <map xmlns="http://www.w3.org/2005/xpath-functions">
    <xsl:choose><xsl:when test="@shop"><string key="shop"><xsl:value-of select="@shop"/></string></xsl:when><xsl:otherwise><null key="shop"/></xsl:otherwise></xsl:choose>
    <number key="count"><xsl:value-of select="count(o:order)"/></number>
    <xsl:if test="o:order"><array key="orders"><xsl:for-each select="o:order"><map>
      <string key="id"><xsl:value-of select="@id"/></string>
      <xsl:if test="@priority"><number key="priority"><xsl:value-of select="@priority"/></number></xsl:if>
      <boolean key="open"><xsl:value-of select="@status = 'open'"/></boolean>
      <xsl:if test="o:tag"><array key="tags"><xsl:for-each select="o:tag"><string><xsl:value-of select="."/></string></xsl:for-each></array></xsl:if>
      <xsl:if test="o:lines/o:line"><array key="lines"><xsl:for-each select="o:lines/o:line"><map><string key="sku"><xsl:value-of select="o:sku"/></string><number key="price"><xsl:value-of select="o:price"/></number></map></xsl:for-each></array></xsl:if>
    </map></xsl:for-each></array></xsl:if>
  </map></xsl:variable>
  <xsl:value-of select="xml-to-json($result)"/>
</xsl:template>
</xsl:stylesheet>
