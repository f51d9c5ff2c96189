import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import dev.zhaohuo.v1.BatchKeywordResult;
import dev.zhaohuo.v1.BatchKeywordSearchRequest;
import dev.zhaohuo.v1.BatchKeywordSearchResponse;
import dev.zhaohuo.v1.ComboServiceGrpc;
import dev.zhaohuo.v1.ComparePricesRequest;
import dev.zhaohuo.v1.ImageSearchOptions;
import dev.zhaohuo.v1.KeywordSearchRequest;
import dev.zhaohuo.v1.Product;
import dev.zhaohuo.v1.SearchServiceGrpc;
import dev.zhaohuo.v1.UploadImageSearchRequest;
import dev.zhaohuo.v1.UploadImageSearchResponse;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Five stories with code that protoc makes: see examples/README.md, and docs/CLIENTS.md for how it is made. */
public final class Stories {
  private static final int CHUNK = 64 << 10;

  private final SearchServiceGrpc.SearchServiceBlockingStub search;
  private final SearchServiceGrpc.SearchServiceStub sending;
  private final ComboServiceGrpc.ComboServiceBlockingStub combo;

  private Stories(ManagedChannel channel) {
    Metadata headers = new Metadata();
    String key = System.getenv().getOrDefault("ZHAOHUO_API_KEY", "");
    if (!key.isEmpty()) {
      headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + key);
    }
    var withKey = MetadataUtils.newAttachHeadersInterceptor(headers);
    search = SearchServiceGrpc.newBlockingStub(channel).withInterceptors(withKey);
    sending = SearchServiceGrpc.newStub(channel).withInterceptors(withKey);
    combo = ComboServiceGrpc.newBlockingStub(channel).withInterceptors(withKey);
  }

  public static void main(String[] args) throws Exception {
    String address = System.getenv().getOrDefault("ZHAOHUO_GRPC_ADDR", "127.0.0.1:9090");
    ManagedChannel channel = ManagedChannelBuilder.forTarget(address).usePlaintext().build();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    try {
      Stories stories = new Stories(channel);
      print(out, "keyword", stories.keyword());
      print(out, "photo", stories.photo(Path.of(args[0])));
      print(out, "batch", stories.batch());
      print(out, "error", stories.error());
      print(out, "strategy", stories.strategy());
    } finally {
      channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }
  }

  private static void print(PrintStream out, String heading, List<String> lines) {
    out.println("# " + heading);
    lines.forEach(out::println);
  }

  private static List<String> ids(List<Product> products) {
    return products.stream().map(Product::getId).toList();
  }

  private List<String> keyword() {
    var request = KeywordSearchRequest.newBuilder().setKeyword("蓝牙耳机").setPageSize(5).build();
    return ids(search.withDeadlineAfter(60, TimeUnit.SECONDS).keywordSearch(request).getProductsList());
  }

  /** The photo is read while it is sent. */
  private List<String> photo(Path path) throws Exception {
    var answer = new CompletableFuture<UploadImageSearchResponse>();
    StreamObserver<UploadImageSearchRequest> to =
        sending
            .withDeadlineAfter(60, TimeUnit.SECONDS)
            .uploadImageSearch(
                new StreamObserver<>() {
                  @Override
                  public void onNext(UploadImageSearchResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {}
                });
    var options = ImageSearchOptions.newBuilder().setPageSize(5);
    to.onNext(UploadImageSearchRequest.newBuilder().setOptions(options).build());
    try (InputStream file = Files.newInputStream(path)) {
      for (byte[] chunk = file.readNBytes(CHUNK); chunk.length > 0; chunk = file.readNBytes(CHUNK)) {
        to.onNext(UploadImageSearchRequest.newBuilder().setChunk(ByteString.copyFrom(chunk)).build());
      }
    }
    to.onCompleted();
    return ids(answer.get().getResponse().getProductsList());
  }

  /** Leaves the stream after the first page, and goes on where it left. */
  private List<String> batch() throws Exception {
    var words = List.of("蓝牙耳机", "手机壳", "保温杯");
    var request = BatchKeywordSearchRequest.newBuilder().addAllKeywords(words).setPageSize(3);
    Map<String, List<String>> found = new HashMap<>();
    Context.CancellableContext leaving = Context.current().withCancellation();
    leaving.run(
        () -> {
          Iterator<BatchKeywordSearchResponse> answers = search.batchKeywordSearch(request.build());
          BatchKeywordSearchResponse answer = answers.next();
          while (!answer.hasResult()) {
            answer = answers.next();
          }
          note(found, answer.getResult());
          request.setResumeToken(answer.getResumeToken());
        });
    leaving.cancel(null);
    search
        .batchKeywordSearch(request.build())
        .forEachRemaining(
            answer -> {
              if (answer.hasResult()) {
                note(found, answer.getResult());
              }
            });
    List<String> all = new ArrayList<>();
    words.forEach(word -> all.addAll(found.get(word)));
    return all;
  }

  private static void note(Map<String, List<String>> found, BatchKeywordResult result) {
    if (found.put(result.getKeyword(), ids(result.getResponse().getProductsList())) != null) {
      throw new IllegalStateException("a page came twice");
    }
  }

  /** An error has its reason in one of its details, and the wrong fields in another. */
  private List<String> error() throws Exception {
    try {
      search.keywordSearch(KeywordSearchRequest.newBuilder().setKeyword(" ").build());
      return List.of("no error");
    } catch (StatusRuntimeException failure) {
      String reason = "";
      List<String> lines = new ArrayList<>();
      for (Any detail : StatusProto.fromThrowable(failure).getDetailsList()) {
        if (detail.is(ErrorInfo.class)) {
          reason = detail.unpack(ErrorInfo.class).getReason();
        } else if (detail.is(BadRequest.class)) {
          for (var violation : detail.unpack(BadRequest.class).getFieldViolationsList()) {
            lines.add(reason + " " + violation.getField());
          }
        }
      }
      return lines;
    }
  }

  private List<String> strategy() {
    var request = ComparePricesRequest.newBuilder().setKeyword("蓝牙耳机").setQuantity(10).build();
    return combo.withDeadlineAfter(60, TimeUnit.SECONDS).comparePrices(request).getSimilar().getOffersList().stream()
        .limit(5)
        .map(offer -> offer.getProduct().getId())
        .toList();
  }
}
