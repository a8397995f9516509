<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:x="http://exslt.org/common" xmlns:t="urn:tables" exclude-result-prefixes="x t">
<xsl:output method="xml" encoding="UTF-8" indent="yes"/>
<t:country code="DE">Germany</t:country><t:country code="FR">France</t:country><t:country code="PT">Portugal</t:country><t:country code="GB">United Kingdom</t:country><t:country code="IT">Italy</t:country><t:country code="AT">Austria</t:country><t:country code="BE">Belgium</t:country><t:country code="DK">Denmark</t:country><t:country code="IE">Ireland</t:country><t:country code="ES">Spain</t:country>
<t:tax code="A">0.20</t:tax><t:tax code="B">0.10</t:tax><t:tax code="C">0.05</t:tax>
<xsl:variable name="lower" select="'abcdefghijklmnopqrstuvwxyzáéèëïíîöøüñçã'"/>
<xsl:variable name="upper" select="'ABCDEFGHIJKLMNOPQRSTUVWXYZÁÉÈËÏÍÎÖØÜÑÇÃ'"/>
<xsl:variable name="countries" select="document('')/*/t:country"/>
<xsl:variable name="taxes" select="document('')/*/t:tax"/>
<xsl:template match="/orders"><invoices><xsl:apply-templates select="order"/></invoices></xsl:template>
<xsl:template match="order">
 <xsl:variable name="ship" select="customer/address[@type='shipping'][1]"/>
 <invoice number="INV-{@id}" type="{translate(@channel,$lower,$upper)}">
  <issued><xsl:value-of select="concat(substring(orderDate,9,2),'/',substring(orderDate,6,2),'/',substring(orderDate,1,4))"/></issued>
  <priority><xsl:choose><xsl:when test="@status='express' or @channel='edi'">HIGH</xsl:when><xsl:otherwise>NORMAL</xsl:otherwise></xsl:choose></priority>
  <currency><xsl:value-of select="currency"/></currency>
  <buyer><code><xsl:value-of select="customer/id"/></code>
   <name><xsl:value-of select="concat(translate(customer/lastName,$lower,$upper),', ',customer/firstName)"/></name>
   <mail><xsl:value-of select="translate(customer/email,$upper,$lower)"/></mail>
   <phone><xsl:choose><xsl:when test="customer/phone"><xsl:value-of select="customer/phone"/></xsl:when><xsl:otherwise>n/a</xsl:otherwise></xsl:choose></phone>
   <country><xsl:value-of select="$countries[@code=$ship/country]"/></country>
   <shipTo><xsl:value-of select="concat($ship/street,', ',$ship/zip,' ',$ship/city)"/></shipTo></buyer>
  <xsl:variable name="nets"><xsl:for-each select="lines/line[qty &gt; 0]"><n><xsl:value-of select="qty * price * (1 - discount)"/></n></xsl:for-each></xsl:variable>
  <items><xsl:for-each select="lines/line[qty &gt; 0]">
   <xsl:variable name="net" select="qty * price * (1 - discount)"/>
   <item pos="{@no}"><article><xsl:value-of select="translate(sku,$lower,$upper)"/></article>
    <text><xsl:value-of select="substring(desc,1,20)"/></text>
    <net><xsl:value-of select="format-number($net,'0.00')"/></net>
    <tax><xsl:value-of select="format-number($net * $taxes[@code=current()/taxCode],'0.00')"/></tax>
    <flag><xsl:choose><xsl:when test="discount &gt; 0">D</xsl:when><xsl:otherwise>-</xsl:otherwise></xsl:choose></flag></item>
  </xsl:for-each></items>
  <total><xsl:value-of select="format-number(sum(x:node-set($nets)/n),'0.00')"/></total>
  <xsl:if test="comment"><note><xsl:value-of select="comment"/></note></xsl:if>
 </invoice>
</xsl:template>
</xsl:stylesheet>
