<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="xs o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <runs><xsl:for-each-group select="o:orders/o:order" group-adjacent="string(@status)">
    <run status="{current-grouping-key()}"><from><xsl:value-of select="o:placed"/></from>
      <xsl:for-each select="current-group()"><order><xsl:value-of select="@id"/></order></xsl:for-each></run>
  </xsl:for-each-group></runs>
</xsl:template>
</xsl:stylesheet>
