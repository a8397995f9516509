<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <invoices><xsl:for-each select="o:orders/o:order">
    <invoice><party role="buyer"><name><xsl:value-of select="o:customer/o:name"/></name>
        <xsl:for-each select="o:customer/o:address[@type='billing'][1]"><city><xsl:value-of select="o:city"/></city></xsl:for-each></party>
      <party role="seller"><name>Weft Ltd</name></party>
      <xsl:for-each select="o:customer/o:address[@type='shipping']"><party role="goods to"><name><xsl:value-of select="o:street"/></name><city><xsl:value-of select="o:city"/></city></party></xsl:for-each>
      <reference kind="{@status}"/><xsl:if test="o:comment"><reference kind="comment"/></xsl:if></invoice>
  </xsl:for-each></invoices>
</xsl:template>
</xsl:stylesheet>
