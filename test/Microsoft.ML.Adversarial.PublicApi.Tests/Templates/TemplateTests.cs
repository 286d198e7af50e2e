using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Templates;

/// <summary>The templates as their users meet them. Packing, building and training take minutes: ADVERSARIAL_PACKING switches them on.</summary>
public sealed class TemplateTests : IClassFixture<BuiltTemplates>
{
    private readonly BuiltTemplates templates;

    public TemplateTests(BuiltTemplates templates)
    {
        Assert.SkipUnless(BuiltTemplates.IsWanted, "Slow: set ADVERSARIAL_PACKING to true, on Linux.");
        this.templates = templates;
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string SomeImage => Directory.GetFiles(templates.Images, "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();

    [Fact]
    public void The_console_application_trains_measures_held_out_images_and_saves()
    {
        var said = templates.Training.Output;

        Assert.Contains("Training ResNet-8", said, StringComparison.Ordinal);
        Assert.Contains("Epoch 2/2: loss", said, StringComparison.Ordinal);
        Assert.Matches("Of 4 held-out images [0-9.]+ % are classified as labelled, and [0-9.]+ % under PGD-20 \\(L-inf 8/255", said);
        Assert.Contains($"Saved {Path.Combine(templates.Console, "model.zip")}.", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such-folder", "There is no folder 'no-such-folder'")]
    [InlineData("one-class", "has 1 subfolders; expected at least 2")]
    [InlineData("few-images", "has 4 images; expected at least 5")]
    [InlineData("no-image", "the image in column 'Features' cannot be read")]
    public void Wrong_images_end_the_console_application_with_a_sentence(string folder, string sentence)
    {
        var (few, image) = (Path.Combine(templates.Console, folder), File.ReadAllBytes(SomeImage));
        foreach (var (label, count) in folder switch { "one-class" => [("A", 5)], "few-images" => [("A", 5), ("B", 4)], "no-image" => [("A", 5), ("B", 5)], _ => Array.Empty<(string, int)>() })
            for (var i = 0; i < count; i++)
                File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(Path.Combine(few, label)).FullName, $"{i}.png"), folder == "no-image" && i == 0 ? [1, 2, 3] : image);

        var (exitCode, _, errors) = BuiltTemplates.Run(templates.Console, folder, "--epochs", "1");

        Assert.Equal(1, exitCode);
        Assert.Contains(sentence, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("letters", "--epochs", "0")]
    public void A_command_line_that_is_not_understood_gets_the_usage(params string[] arguments)
    {
        var (exitCode, _, errors) = BuiltTemplates.Run(templates.Console, arguments);

        Assert.Equal(1, exitCode);
        Assert.StartsWith("Usage: IMAGES [--epochs N]", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linux", "libtorch-cpu-linux-x64")]
    [InlineData("windows", "libtorch-cpu-win-x64")]
    [InlineData("macos", "libtorch-cpu-osx-arm64")]
    [InlineData("cuda-linux", "TorchSharp-cuda-linux")]
    [InlineData("cuda-windows", "TorchSharp-cuda-windows")]
    public void The_backend_is_a_choice(string backend, string package)
    {
        var application = templates.Instantiate("adversarial-console", "--backend", backend, "--no-restore");

        var references = File.ReadAllLines(Path.Combine(application, "Another.csproj")).Where(line => line.Contains("PackageReference", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, references.Count);
        Assert.Contains($"Include=\"{package}\"", references[1], StringComparison.Ordinal);
        Assert.Equal(backend.StartsWith("cuda", StringComparison.Ordinal), File.ReadAllText(Path.Combine(application, "Program.cs")).Contains("GpuDeviceId = 0", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_gets_the_probabilities_of_the_model(bool asForm)
    {
        using var service = new RunningService(templates.Web);
        using var answer = await service.ClassifyAsync(asForm ? Form(await File.ReadAllBytesAsync(SomeImage, Cancellation)) : Body(await File.ReadAllBytesAsync(SomeImage, Cancellation), "image/png"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var told = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        var ml = new MLContext();
        var scored = ml.Model.Load(Path.Combine(templates.Web, "model.zip"), out _).Transform(ml.Data.LoadFromEnumerable([new Row { Path = SomeImage }]));
        var (expected, score) = (scored.GetColumn<string>("PredictedClass").Single(), scored.GetColumn<float[]>("Score").Single());
        Assert.Equal(expected, told.GetProperty("class").GetString());
        Assert.Equal(score.Max(), told.GetProperty("probability").GetSingle(), 1e-4f);
        var other = Assert.Single(told.GetProperty("others").EnumerateObject());
        Assert.Equal(expected == "A" ? "B" : "A", other.Name);
        Assert.Equal(score.Min(), other.Value.GetSingle(), 1e-4f);
    }

    [Fact]
    public async Task What_is_no_image_or_too_large_is_the_clients_problem()
    {
        using var service = new RunningService(templates.Web, "--Classifier:MaximumRequestBytes", "100000", "--Classifier:MaximumPixels", "1024");
        var image = await File.ReadAllBytesAsync(SomeImage, Cancellation);
        var text = Encoding.UTF8.GetBytes("This is no image.");

        await AssertProblem(service, Form(text), HttpStatusCode.UnsupportedMediaType, "no image that can be read");
        await AssertProblem(service, Body(text, "text/plain"), HttpStatusCode.UnsupportedMediaType, "no image that can be read");
        await AssertProblem(service, Body(new byte[100_001], "image/png"), HttpStatusCode.RequestEntityTooLarge, "100000 bytes");
        await AssertProblem(service, Form(new byte[100_001]), HttpStatusCode.RequestEntityTooLarge, "100000 bytes");
        await AssertProblem(service, Body(BlackImage(templates.Web, 33, 32), "image/png"), HttpStatusCode.UnprocessableEntity, "33 x 32 pixels; expected at most 1024");
        await AssertProblem(service, Body(image[..^60], "image/png"), HttpStatusCode.UnprocessableEntity, "cannot be decoded");
        await AssertProblem(service, Body([], "image/png"), HttpStatusCode.BadRequest, "no content");
        await AssertProblem(service, Body(text, "multipart/form-data"), HttpStatusCode.BadRequest, "form cannot be read");
        await AssertProblem(service, new MultipartFormDataContent { { new StringContent("a"), "b" } }, HttpStatusCode.BadRequest, "0 files");
        using var answer = await service.ClassifyAsync(Body(image, "image/png"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_service_with_all_turns_taken_says_when_to_come_back_and_a_turn_ends()
    {
        using var service = new RunningService(templates.Web, "--Classifier:ConcurrentRequests", "1", "--Classifier:WaitingRequests", "0", "--Classifier:TimeoutSeconds", "20");
        var image = await File.ReadAllBytesAsync(SomeImage, Cancellation);
        using var slow = new TcpClient(service.Client.BaseAddress!.Host, service.Client.BaseAddress.Port);
        await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes("POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"), Cancellation);
        using var reader = new StreamReader(slow.GetStream());
        // Said by who begins to read, and has a turn by then.
        Assert.Equal("HTTP/1.1 100 Continue", await reader.ReadLineAsync(Cancellation));
        Assert.Equal("", await reader.ReadLineAsync(Cancellation));

        using var answer = await service.ClassifyAsync(Body(image, "image/png"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("HTTP/1.1 408 Request Timeout", await reader.ReadLineAsync(Cancellation));
    }

    [Fact]
    public async Task The_services_health_is_that_of_its_model()
    {
        using var service = new RunningService(templates.Web);

        Assert.Equal("Healthy", await service.Client.GetStringAsync("health", Cancellation));
    }

    [Theory]
    [InlineData("Classifier:Model", "other.zip", "There is no model '")]
    [InlineData("Classifier:MaximumPixels", "0", "MaximumPixels must be between 1 and")]
    public void A_service_that_cannot_serve_does_not_start(string setting, string value, string sentence)
    {
        var failure = Assert.Throws<InvalidOperationException>(() =>
        {
            using var service = new RunningService(templates.Web, $"--{setting}", value);
        });

        Assert.Contains("exit code 1.", failure.Message, StringComparison.Ordinal);
        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_service_has_no_torch_in_its_folder() =>
        Assert.DoesNotContain(
            Directory.GetFiles(Path.Combine(templates.Web, "bin"), "*", SearchOption.AllDirectories).Select(Path.GetFileName),
            file => file!.Contains("torch", StringComparison.OrdinalIgnoreCase) || file.Contains("Adversarial", StringComparison.Ordinal));

    private static async Task AssertProblem(RunningService service, HttpContent content, HttpStatusCode status, string detail)
    {
        using var answer = await service.ClassifyAsync(content);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.Contains(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static ByteArrayContent Body(byte[] bytes, string mediaType)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        return content;
    }

    private static MultipartFormDataContent Form(byte[] bytes) => new() { { new ByteArrayContent(bytes), "image", "upload.png" } };

    private static byte[] BlackImage(string folder, int width, int height)
    {
        var file = Path.Combine(folder, $"black-{width}-{height}.png");
        using var image = MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, new byte[width * height * 4]);
        image.Save(file);
        return File.ReadAllBytes(file);
    }

    private sealed class Row
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
