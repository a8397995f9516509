<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:template match="/"><plot><xsl:for-each select="drawing/shape"><item id="{@id}"><xsl:apply-templates/></item></xsl:for-each></plot></xsl:template>
<xsl:template match="circle"><round><radius><xsl:value-of select="@r * 10"/></radius></round></xsl:template>
<xsl:template match="square"><box w="{@side}" h="{@side}"/></xsl:template>
<xsl:template match="label"><caption><xsl:value-of select="text"/></caption></xsl:template>
<xsl:template match="text()"/>
</xsl:stylesheet>
