<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:p="urn:weft-test:pay" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" exclude-result-prefixes="p xsi">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/p:payments">
  <list><xsl:for-each select="p:remark"><fine><text><xsl:value-of select="p:text"/></text></fine></xsl:for-each>
  <xsl:for-each select="p:warning"><warning level="{@level}"><text><xsl:value-of select="p:text"/></text></warning></xsl:for-each></list>
</xsl:template>
</xsl:stylesheet>
