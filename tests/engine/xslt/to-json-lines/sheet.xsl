<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="xs o">
<xsl:output method="text" encoding="UTF-8"/>
<xsl:template match="/"><xsl:for-each select="o:orders/o:order">
  <xsl:variable name="one" as="element()"><map xmlns="http://www.w3.org/2005/xpath-functions"><string key="id"><xsl:value-of select="@id"/></string>
    <map key="customer"><string key="name"><xsl:value-of select="o:customer/o:name"/></string>
      <xsl:if test="o:customer/o:email"><string key="mail"><xsl:value-of select="o:customer/o:email"/></string></xsl:if></map>
    <number key="lines"><xsl:value-of select="count(o:lines/o:line)"/></number></map></xsl:variable>
  <xsl:value-of select="xml-to-json($one) || '&#10;'"/></xsl:for-each></xsl:template>
</xsl:stylesheet>
