using System.CommandLine;
using Samples.RobustnessExplorer;
using Samples.RobustnessExplorer.Serving;
using Tooling.CommandLine;

// One page that shows a plain and a robust model side by side under attack.
var usual = new ExplorerSettings();
var robust = new Option<string?>("--robust") { Description = "The robust model, an ONNX file or model.zip; trained on the embedded letters where neither model is given" };
var plain = new Option<string?>("--plain") { Description = "The plain model, of the same classes and image size" };
var images = new Option<string?>("--images") { Description = "Test images of those models, one folder for each class; the embedded letters where not given" };
var cache = new Option<string>("--cache") { Description = "Folder for trained models and measured curves", DefaultValueFactory = _ => usual.Cache };
var urls = new Option<string>("--urls") { Description = "Where the service listens, with semicolons between several", DefaultValueFactory = _ => usual.Urls };
var trainingImages = Bound("--training-images", "Letters of each class to train on", usual.TrainingImages);
var concurrentAttacks = Bound("--concurrent-attacks", "Attacks at a time", usual.ConcurrentAttacks);
var waitingAttacks = Bound("--waiting-attacks", "Requests that may wait for their turn; beyond it 503", usual.WaitingAttacks);
var attackSeconds = Bound("--attack-seconds", "The longest time for an attack", usual.AttackSeconds);
var auditSeconds = Bound("--audit-seconds", "The longest time for an audit", usual.AuditSeconds);
var imageBytes = Bound("--image-bytes", "The largest uploaded image", usual.ImageBytes);
var imagePixels = Bound("--image-pixels", "The most pixels of an uploaded image", usual.ImagePixels);
var modelBytes = Bound("--model-bytes", "The largest uploaded model", usual.ModelBytes);
var uploadSeconds = Bound("--upload-seconds", "The longest time for an upload to arrive", usual.UploadSeconds);

var command = new RootCommand("Shows in one page what attacks make of a plain and of a robust image classifier.")
{
    robust, plain, images, cache, urls, trainingImages, concurrentAttacks, waitingAttacks, attackSeconds, auditSeconds, imageBytes, imagePixels, modelBytes, uploadSeconds,
};
command.SetAction(arguments =>
{
    var settings = new ExplorerSettings
    {
        Robust = arguments.GetValue(robust),
        Plain = arguments.GetValue(plain),
        Images = arguments.GetValue(images),
        Cache = arguments.GetValue(cache)!,
        Urls = arguments.GetValue(urls)!,
        TrainingImages = arguments.GetValue(trainingImages),
        ConcurrentAttacks = arguments.GetValue(concurrentAttacks),
        WaitingAttacks = arguments.GetValue(waitingAttacks),
        AttackSeconds = arguments.GetValue(attackSeconds),
        AuditSeconds = arguments.GetValue(auditSeconds),
        ImageBytes = arguments.GetValue(imageBytes),
        ImagePixels = arguments.GetValue(imagePixels),
        ModelBytes = arguments.GetValue(modelBytes),
        UploadSeconds = arguments.GetValue(uploadSeconds),
    };
    return Task.FromResult(ExitCode.Of(
        () =>
        {
            settings.Check();
            using var app = ExplorerHost.Create(settings);
            app.Start();
            Console.WriteLine($"Now listening on: {string.Join(' ', app.Urls)}");
            app.WaitForShutdown();
            return Environment.ExitCode;
        },
        whenStopped: "A training goes on from its last checkpoint.",
        json: null));
});
return await command.Parse(args).InvokeAsync();

static Option<int> Bound(string name, string description, int usual) => new(name) { Description = description, DefaultValueFactory = _ => usual };
