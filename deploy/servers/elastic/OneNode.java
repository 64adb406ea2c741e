import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * One plain Elasticsearch node from its Maven artifacts, for tests: {@code java OneNode HOME}.
 * HOME holds config/elasticsearch.yml, modules/ and plugins/. SIGTERM stops it cleanly.
 */
public class OneNode {
  private static final String NAME = "node-1";

  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]).toAbsolutePath();
    Environment env = environment(home);
    Node node = new Node(env, plugins(env));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
    node.start();
    new CountDownLatch(1).await(); // the node's own threads are all daemons
  }

  private static Environment environment(Path home) throws Exception {
    LogConfigurator.configureESLogging(); // before anything that logs
    LogConfigurator.setNodeName(NAME);
    Path config = home.resolve("config");
    Settings settings = Settings.builder()
        .loadFromPath(config.resolve("elasticsearch.yml"))
        .put("path.home", home.toString())
        .build();
    LogConfigurator.configureWithoutConfig(settings);
    return InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), config, () -> NAME);
  }

  private static PluginsLoader plugins(Environment env) {
    return PluginsLoader.createPluginsLoader(
        PluginsLoader.loadModulesBundles(env.modulesDir()),
        PluginsLoader.loadPluginsBundles(env.pluginsDir()),
        Map.of());
  }

  private static void close(Node node) {
    try {
      node.close();
    } catch (Exception e) {
      e.printStackTrace();
    }
  }
}
