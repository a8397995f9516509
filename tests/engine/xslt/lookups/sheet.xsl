<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template name="country"><xsl:param name="code"/>
  <xsl:choose><xsl:when test="$code='BR'">Brasil</xsl:when><xsl:when test="$code='DE'">Deutschland</xsl:when>
  <xsl:when test="$code='GB'">United Kingdom</xsl:when><xsl:when test="$code='US'">United States</xsl:when></xsl:choose>
</xsl:template>
<xsl:template match="/">
  <list><xsl:for-each select="o:orders/o:order">
    <xsl:variable name="code" select="o:customer/o:address[1]/o:country"/>
    <order id="{@id}">
      <xsl:if test="$code and $code != 'XX'"><country><xsl:call-template name="country"><xsl:with-param name="code" select="$code"/></xsl:call-template></country></xsl:if>
      <region><xsl:choose><xsl:when test="$code='BR'">south</xsl:when><xsl:when test="not($code) or $code='XX'">elsewhere</xsl:when><xsl:otherwise>north</xsl:otherwise></xsl:choose></region>
      <xsl:for-each select="o:lines/o:line"><tax><xsl:choose><xsl:when test="o:tax='A'">20</xsl:when><xsl:when test="o:tax='B'">10.5</xsl:when><xsl:when test="o:tax='C'">5</xsl:when><xsl:otherwise>none</xsl:otherwise></xsl:choose></tax></xsl:for-each>
    </order>
  </xsl:for-each></list>
</xsl:template>
</xsl:stylesheet>
