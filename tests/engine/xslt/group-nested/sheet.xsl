<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="xs o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <report><xsl:for-each-group select="o:orders/o:order" group-by="o:customer/@id">
    <xsl:sort select="current-grouping-key()"/>
    <customer id="{current-grouping-key()}">
      <xsl:for-each-group select="current-group()" group-by="@status">
        <xsl:sort select="current-grouping-key()" order="descending"/>
        <status name="{current-grouping-key()}" orders="{count(current-group())}">
          <xsl:for-each select="current-group()"><order><xsl:value-of select="@id"/></order></xsl:for-each></status>
      </xsl:for-each-group>
    </customer>
  </xsl:for-each-group></report>
</xsl:template>
</xsl:stylesheet>
