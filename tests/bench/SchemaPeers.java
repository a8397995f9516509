import java.io.File;
import javax.wsdl.factory.WSDLFactory;
import javax.wsdl.xml.WSDLReader;
import org.apache.xerces.impl.xs.XMLSchemaLoader;
import org.apache.xerces.xni.XNIException;
import org.apache.xerces.xni.parser.XMLErrorHandler;
import org.apache.xerces.xni.parser.XMLParseException;
import org.apache.xmlbeans.XmlBeans;
import org.apache.xmlbeans.XmlObject;
import org.apache.xmlbeans.XmlOptions;

/** Loads one schema or service description with one Java library; says nothing, or why it was refused. */
public class SchemaPeers {
    public static void main(String[] arguments) throws Exception {
        File file = new File(arguments[1]);
        try {
            switch (arguments[0]) {
                case "Xerces" -> xerces(file);
                case "XMLBeans" -> xmlbeans(file);
                case "WSDL4J" -> wsdl4j(file);
                default -> throw new IllegalArgumentException(arguments[0]);
            }
        } catch (Exception | StackOverflowError error) {
            System.out.println(String.valueOf(error).lines().findFirst().orElse("refused"));
            System.exit(3);
        }
    }

    private static void xerces(File file) {
        XMLSchemaLoader loader = new XMLSchemaLoader();
        loader.setFeature("http://apache.org/xml/features/validation/schema-full-checking", true);
        loader.setErrorHandler(new XMLErrorHandler() {
            public void warning(String domain, String key, XMLParseException error) { }

            public void error(String domain, String key, XMLParseException error) throws XNIException {
                throw error;
            }

            public void fatalError(String domain, String key, XMLParseException error) throws XNIException {
                throw error;
            }
        });
        if (loader.loadURI(file.toURI().toString()) == null) {
            throw new IllegalStateException("no model");
        }
    }

    private static void xmlbeans(File file) throws Exception {
        XmlObject schema = XmlObject.Factory.parse(file);
        XmlOptions options = new XmlOptions();
        XmlBeans.compileXsd(new XmlObject[] {schema}, XmlBeans.getBuiltinTypeSystem(), options);
    }

    private static void wsdl4j(File file) throws Exception {
        WSDLReader reader = WSDLFactory.newInstance().newWSDLReader();
        reader.setFeature("javax.wsdl.verbose", false);
        reader.readWSDL(file.toURI().toString());
    }
}
