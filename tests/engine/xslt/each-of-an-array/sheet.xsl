<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="xs o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <list><xsl:for-each select="o:orders/o:order">
    <order><id><xsl:value-of select="@id"/></id><xsl:variable name="of" select="@id"/>
      <xsl:for-each select="tokenize(o:comment, ',')[normalize-space()]"><word of="{$of}"><text><xsl:value-of select="replace(., '^\s+|\s+$', '')"/></text></word></xsl:for-each></order>
  </xsl:for-each></list>
</xsl:template>
</xsl:stylesheet>
