using System.CommandLine;
using Microsoft.ML.Adversarial.Benchmarks;
using Tooling.CommandLine;

// Times the library against the code that people write without it. Every figure is a median over rounds in which all contestants take turns.
var filter = new Option<string>("--filter") { Description = "Part of the names of the benchmarks to run; all where not given", DefaultValueFactory = _ => "" };
var list = new Option<bool>("--list") { Description = "Say what the benchmarks are and run none" };
var rounds = new Option<int?>("--rounds") { Description = "Rounds in which all contestants take turns; each benchmark's own number where not given" };
var markdown = new Option<string?>("--markdown") { Description = "File to write the table to, with hardware and versions, after each benchmark" };
var images = new Option<string?>("--images") { Description = "Training images, one folder for each class, for example CIFAR-10's; the embedded letters where not given" };
var testImages = new Option<string?>("--test-images") { Description = "Test images, one folder for each class; a fifth of --images where not given" };
var folder = new Option<string>("--folder") { Description = "Folder for unpacked images and the evaluated model, which stay for the next run; a model that an older library trained is refused, and wants another folder", DefaultValueFactory = _ => "output/benchmarks" };

var command = new RootCommand("Times training, evaluation, scoring and reading against textbook code, in one process and in turns. On CPUs set OMP_WAIT_POLICY=PASSIVE, and let nothing else run.")
{
    filter, list, rounds, markdown, images, testImages, folder,
};
command.SetAction((arguments, cancellation) =>
{
    var settings = new BenchmarkSettings
    {
        Filter = arguments.GetValue(filter)!,
        Rounds = arguments.GetValue(rounds),
        Markdown = arguments.GetValue(markdown),
        Images = arguments.GetValue(images),
        TestImages = arguments.GetValue(testImages),
        Folder = arguments.GetValue(folder)!,
    };
    var session = new BenchmarkSession(settings, cancellation);
    return Task.FromResult(ExitCode.Of(arguments.GetValue(list) ? session.List : session.Run, whenStopped: "Benchmarks that were done stand above, and in the file of --markdown."));
});

var seeds = new Option<int>("--seeds") { Description = "How often each training is repeated", DefaultValueFactory = _ => 4 };
var learned = new Option<string>("--images") { Description = "Training images, one folder for each class, 800 of which are used", Required = true };
var rounding = new Command("rounding", "Trains ResNet-14 with attacks in either precision, and measures in float32 what is lost. Takes hours; the same command goes on from where it was stopped.")
{
    learned, testImages, seeds, folder,
};
rounding.SetAction((arguments, cancellation) =>
{
    var settings = new RoundingSettings
    {
        Images = arguments.GetValue(learned)!,
        TestImages = arguments.GetValue(testImages),
        Seeds = arguments.GetValue(seeds),
        Folder = Path.Combine(arguments.GetValue(folder)!, "rounding"),
    };
    return Task.FromResult(ExitCode.Of(new RoundingStudy(settings, cancellation).Run, whenStopped: "The same command goes on from here."));
});
command.Add(rounding);

var epsilon = new Option<double>("--epsilon") { Description = "How far the attack may move a pixel, in grey levels of 0..255", DefaultValueFactory = _ => 10 };
var epochs = new Option<int>("--epochs") { Description = "Passes over the images", DefaultValueFactory = _ => 30 };
var overfitting = new Command("overfitting", "Trains a network of one convolution with single-step attacks: shows catastrophic overfitting, what the library says of it, and that aligned gradients prevent it.")
{
    learned, epsilon, epochs, seeds, folder,
};
overfitting.SetAction((arguments, cancellation) =>
{
    var settings = new OverfittingSettings
    {
        Images = arguments.GetValue(learned)!,
        Epsilon = arguments.GetValue(epsilon),
        Epochs = arguments.GetValue(epochs),
        Seeds = arguments.GetValue(seeds),
        Folder = Path.Combine(arguments.GetValue(folder)!, "overfitting"),
    };
    return Task.FromResult(ExitCode.Of(new OverfittingStudy(settings, cancellation).Run, whenStopped: "What was done stands above."));
});
command.Add(overfitting);

var depth = new Option<int>("--depth") { Description = "Of the network", DefaultValueFactory = _ => 20 };
var width = new Option<int>("--width") { Description = "Of the network", DefaultValueFactory = _ => 16 };
var batch = new Option<int>("--batch-size") { Description = "Images in an update, of all ranks together", DefaultValueFactory = _ => 128 };
var updates = new Option<int>("--updates") { Description = "Updates that are timed", DefaultValueFactory = _ => 10 };
var synchronized = new Option<bool>("--synchronized") { Description = "Batch normalisation by the statistics of all ranks" };
var ranks = new Command("ranks", "Times PGD-10 training of a residual network on images of 32 x 32 pixels, alone or as mpirun starts it, and says what part of the time is spent in MPI.") { depth, width, batch, updates, synchronized };
ranks.SetAction((arguments, cancellation) => Task.FromResult(ExitCode.Of(
    () => RankBenchmark.Run(arguments.GetValue(depth), arguments.GetValue(width), arguments.GetValue(batch), arguments.GetValue(updates), arguments.GetValue(synchronized)), whenStopped: "Nothing was kept.")));
command.Add(ranks);

var other = new Argument<string>("other");
var path = new Argument<string>("path");
var memory = new Command(ImportMemory.Command, "What a benchmark of importing starts.") { other, path };
memory.Hidden = true;
memory.SetAction((arguments, _) => Task.FromResult(ExitCode.Of(() => ImportMemory.Measure(arguments.GetValue(other)!, arguments.GetValue(path)!), whenStopped: "Nothing was kept.")));
command.Add(memory);
return await command.Parse(args).InvokeAsync();
