<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:o="urn:weft-test:orders" exclude-result-prefixes="xs o">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/">
  <list><xsl:for-each select="o:orders/o:order"><xsl:variable name="n" select="string(o:customer/o:name)"/>
    <order><upper><xsl:value-of select="upper-case($n)"/></upper><first><xsl:value-of select="substring($n, 1, 3)"/></first>
      <rest><xsl:value-of select="substring($n, 2, 4)"/></rest><trimmed><xsl:value-of select="replace($n, '^\s+|\s+$', '')"/></trimmed>
      <replaced><xsl:value-of select="replace($n, 'a', '[a]')"/></replaced><length><xsl:value-of select="string-length($n)"/></length>
      <padded><xsl:value-of select="substring(concat(substring('00000000', string-length(@id) + 1), @id), 1, 8)"/></padded>
      <position><xsl:value-of select="if (contains($n, 'a')) then string-length(substring-before($n, 'a')) + 1 else 0"/></position>
      <joined><xsl:value-of select="@id || '/' || o:customer/@id || ': ' || @status"/></joined></order>
  </xsl:for-each></list>
</xsl:template>
</xsl:stylesheet>
