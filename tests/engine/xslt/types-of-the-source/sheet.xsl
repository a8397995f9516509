<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:p="urn:weft-test:pay" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" exclude-result-prefixes="xs p xsi">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:function name="p:is" as="xs:boolean"><xsl:param name="payment"/><xsl:param name="type"/><xsl:sequence select="tokenize($payment/@xsi:type, ':')[last()] = $type"/></xsl:function>
<xsl:template match="/p:payments">
  <list><xsl:for-each select="p:payment[p:is(., 'Card')]"><card id="{@id}"><number><xsl:value-of select="p:number"/></number><holder><xsl:value-of select="(p:name/string(), 'nobody')[1]"/></holder></card></xsl:for-each>
  <xsl:for-each select="p:payment[p:is(., 'Bank')][xs:decimal(p:amount) gt 1]"><bank><iban><xsl:value-of select="p:iban"/></iban><amount><xsl:value-of select="p:amount"/></amount></bank></xsl:for-each>
  <all><xsl:value-of select="sum(p:payment/xs:decimal(p:amount), 0)"/></all></list>
</xsl:template>
</xsl:stylesheet>
