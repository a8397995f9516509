<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:p="urn:weft-test:pay" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"  >
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/"><payments xmlns="urn:weft-test:pay">
  <xsl:for-each select="drawing/shape[circle]"><payment xsi:type="p:Card" id="{@id}"><amount><xsl:value-of select="circle/@r"/></amount><number>C<xsl:value-of select="@id"/></number></payment></xsl:for-each>
  <xsl:for-each select="drawing/shape[square]"><payment xsi:type="p:Bank" id="{@id}"><amount><xsl:value-of select="square/@side"/></amount><iban>B</iban></payment></xsl:for-each>
  <xsl:for-each select="drawing/shape/label"><warning level="{concat(@size, substring('1', 1, not(@size)))}"><text><xsl:value-of select="text"/></text></warning></xsl:for-each>
</payments></xsl:template>
</xsl:stylesheet>
