package shop;

import java.io.FileOutputStream;
import java.io.IOException;
import java.util.Properties;

/** A till that knows its settings. */
public final class Till {
  private Till() {}

  /**
   * Writes the settings.
   *
   * @param arguments the file to write
   * @throws IOException when it cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    Properties settings = new Properties();
    settings.setProperty("currency", "EUR");
    try (FileOutputStream out = new FileOutputStream(arguments[0])) {
      settings.store(out, "settings of the till");
    }
  }
}
