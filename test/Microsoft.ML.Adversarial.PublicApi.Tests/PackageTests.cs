using System.Globalization;
using System.IO.Compression;
using System.Xml.Linq;
using Tooling.ImageData;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

/// <summary>The packages as applications elsewhere get them.</summary>
public sealed class PackageTests(PackedPackages packages) : IClassFixture<PackedPackages>, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("package-tests-").FullName;

    /// <summary>The backend as its owner would write it; the platform is the one that the tests run on.</summary>
    private static string[] Backend { get; } = ["-p:Backend=libtorch-cpu-linux-x64", $"-p:BackendVersion={PackedPackages.LibTorchVersion}"];

    [Theory]
    [InlineData("Microsoft.ML.Adversarial")]
    [InlineData("Microsoft.ML.Adversarial.Deployment")]
    [InlineData("Microsoft.ML.Adversarial.Templates")]
    public void A_package_tells_who_made_it_what_is_new_and_under_which_licence(string id)
    {
        using var package = ZipFile.OpenRead(Path.Combine(packages.Feed, $"{id}.{packages.Version}.nupkg"));
        var told = Told(package);

        Assert.Equal(id, told["id"]);
        Assert.Equal("The Microsoft.ML.Adversarial contributors", told["authors"]);
        Assert.Equal("LICENSE", told["license"]);
        Assert.Equal("icon.png", told["icon"]);
        Assert.Equal("README.md", told["readme"]);
        Assert.Equal(File.ReadAllText(Path.Combine(RunningProgram.Root, "nuget/release-notes.md")).Trim(), told["releaseNotes"].Trim());
        Assert.All(["LICENSE", "icon.png", "README.md"], name => Assert.NotNull(package.GetEntry(name)));
    }

    [Fact]
    public void The_library_comes_with_its_documentation_its_symbols_and_what_builds_need()
    {
        using var package = ZipFile.OpenRead(Path.Combine(packages.Feed, $"Microsoft.ML.Adversarial.{packages.Version}.nupkg"));
        using var symbols = ZipFile.OpenRead(Path.Combine(packages.Feed, $"Microsoft.ML.Adversarial.{packages.Version}.snupkg"));

        Assert.Equal(["Microsoft.ML.Adversarial.dll", "Microsoft.ML.Adversarial.xml"], Within(package, "lib/net10.0/"));
        Assert.Equal(["Microsoft.ML.Adversarial.props", "Microsoft.ML.Adversarial.targets", "RelaxLibstdcxxVersion.cs"], Within(package, "buildTransitive/"));
        Assert.Equal(["Microsoft.ML.Adversarial.pdb"], Within(symbols, "lib/net10.0/"));
    }

    /// <summary>A gallery shows the page away from the files beside it.</summary>
    [Fact]
    public void The_front_page_in_the_package_leads_to_the_repository()
    {
        var feed = packages.Pack("with-address", "-p:RepositoryUrl=https://example.org/people/robust.git");

        using var package = ZipFile.OpenRead(Path.Combine(feed, $"Microsoft.ML.Adversarial.{packages.Version}.nupkg"));
        var page = Text(package, "README.md");
        var front = File.ReadAllText(Path.Combine(RunningProgram.Root, "README.md"));
        Assert.Matches(@"\]\(https://example\.org/people/robust/blob/([0-9a-f]{40}|HEAD)/docs/start\.md\)", page);
        Assert.Matches(@"!\[[^]]+\]\(https://example\.org/people/robust/raw/([0-9a-f]{40}|HEAD)/docs/images/letters\.png\)", page);
        Assert.All(Links(page), link => Assert.StartsWith("https://", link, StringComparison.Ordinal));
        // But for the links it is the front page, letter for letter.
        Assert.Equal(front.Trim(), System.Text.RegularExpressions.Regex.Replace(page, @"https://example\.org/people/robust/(blob|raw)/[^/]+/", "").Trim());
        // The other packages' pages stand alone.
        Assert.All(["Deployment", "Templates"], other => Assert.All(Links(Page(feed, other)), link => Assert.StartsWith("https://", link, StringComparison.Ordinal)));
        Assert.All(Links(File.ReadAllText(Path.Combine(RunningProgram.Root, "src/Microsoft.ML.Adversarial.Tool/README.md"))), link => Assert.StartsWith("https://", link, StringComparison.Ordinal));

        string Page(string directory, string other)
        {
            using var file = ZipFile.OpenRead(Path.Combine(directory, $"Microsoft.ML.Adversarial.{other}.{packages.Version}.nupkg"));
            return Text(file, "README.md");
        }

        static IEnumerable<string> Links(string text) => System.Text.RegularExpressions.Regex.Matches(text, @"\]\(([^)#][^)]*)\)").Select(match => match.Groups[1].Value);
    }

    [Fact]
    public void The_package_for_scoring_has_no_code()
    {
        using var package = ZipFile.OpenRead(Path.Combine(packages.Feed, $"Microsoft.ML.Adversarial.Deployment.{packages.Version}.nupkg"));

        Assert.DoesNotContain(package.Entries, entry => entry.FullName.EndsWith(".dll", StringComparison.Ordinal));
    }

    [Fact]
    public void Templates_have_no_code_of_their_own_and_reference_the_packages_of_their_version()
    {
        using var package = ZipFile.OpenRead(Path.Combine(packages.Feed, $"Microsoft.ML.Adversarial.Templates.{packages.Version}.nupkg"));

        Assert.Equal(
            [".template.config/dotnetcli.host.json", ".template.config/template.json", "AdversarialConsole.csproj", "LabeledImage.cs", "Program.cs"],
            Below(package, "content/adversarial-console/"));
        Assert.Equal(
            [".template.config/dotnetcli.host.json", ".template.config/template.json", "AdversarialWeb.csproj", "Classification.cs", "ClassifierSettings.cs", "ImageClassifier.cs", "Program.cs", "UploadedImage.cs", "appsettings.json"],
            Below(package, "content/adversarial-web/"));
        Assert.DoesNotContain(package.Entries, entry => entry.FullName.EndsWith(".dll", StringComparison.Ordinal));
        Assert.Contains("<packageType name=\"Template\" />", Text(package, "Microsoft.ML.Adversarial.Templates.nuspec"), StringComparison.Ordinal);
        var (console, web) = (Text(package, "content/adversarial-console/AdversarialConsole.csproj"), Text(package, "content/adversarial-web/AdversarialWeb.csproj"));
        Assert.Contains($"<PackageReference Include=\"Microsoft.ML.Adversarial\" Version=\"{packages.Version}\" />", console, StringComparison.Ordinal);
        Assert.Contains($"<PackageReference Include=\"libtorch-cpu-linux-x64\" Version=\"{PackedPackages.LibTorchVersion}\"", console, StringComparison.Ordinal);
        Assert.Contains($"<PackageReference Include=\"Microsoft.ML.Adversarial.Deployment\" Version=\"{packages.Version}\" />", web, StringComparison.Ordinal);
        Assert.All([console, web], project => Assert.DoesNotContain("_VERSION", project, StringComparison.Ordinal));
    }

    /// <summary>NuGet imports build files that bear the package's id.</summary>
    [Fact]
    public void The_prefix_of_the_ids_is_a_property()
    {
        var feed = packages.Pack("other-prefix", "-p:PackageIdPrefix=Example.");

        using var package = ZipFile.OpenRead(Path.Combine(feed, $"Example.ML.Adversarial.{packages.Version}.nupkg"));
        Assert.Equal("Example.ML.Adversarial", Told(package)["id"]);
        Assert.Equal(["Example.ML.Adversarial.props", "Example.ML.Adversarial.targets", "RelaxLibstdcxxVersion.cs"], Within(package, "buildTransitive/"));
        Assert.True(File.Exists(Path.Combine(feed, $"Example.ML.Adversarial.Deployment.{packages.Version}.nupkg")));
        using var templates = ZipFile.OpenRead(Path.Combine(feed, $"Example.ML.Adversarial.Templates.{packages.Version}.nupkg"));
        Assert.Contains("\"Example.ML.Adversarial.Deployment\"", Text(templates, "content/adversarial-web/AdversarialWeb.csproj"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_executable_without_a_backend_is_warned_and_told_the_package_to_add()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The package is that of Linux.");
        var application = packages.Copy("Trains");

        var output = packages.Dotnet(application, "build");

        Assert.Contains("warning MLADV001", output, StringComparison.Ordinal);
        Assert.Contains($"<PackageReference Include=\"libtorch-cpu-linux-x64\" Version=\"{PackedPackages.LibTorchVersion}\" />", output, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(application, "*", SearchOption.AllDirectories), file => file.Contains("libtorch_cpu", StringComparison.Ordinal));
        Assert.DoesNotContain("MLADV001", packages.Dotnet(application, "build", "-p:WarnWithoutTorchBackend=false"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_backend_for_another_platform_than_the_executables_is_none()
    {
        var application = packages.Copy("Trains");

        var output = packages.Dotnet(application, "build", ["-r", "win-x64", "--self-contained", "false", .. Backend]);

        Assert.Contains("MLADV001", output, StringComparison.Ordinal);
        Assert.Contains("libtorch-cpu-win-x64", output, StringComparison.Ordinal);
    }

    /// <summary>TorchSharp looks on beside its assembly, which a bundle does not have, and would complain of that alone.</summary>
    [Fact]
    public void A_single_file_without_a_backend_says_what_the_loader_said()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("ADVERSARIAL_PACKING") == "true", "Slow: set ADVERSARIAL_PACKING to true.");
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The names are those of Linux.");
        var published = Path.Combine(folder, "published");
        packages.Dotnet(packages.Copy("Trains"), "publish", "-o", published, "-r", "linux-x64", "--self-contained", "false", "-p:PublishSingleFile=true", "-p:WarnWithoutTorchBackend=false");

        var (exitCode, _, errors) = packages.TryToRun(Path.Combine(published, "Trains"), Letters(), Path.Combine(folder, "model.zip"));

        Assert.NotEqual(0, exitCode);
        Assert.Contains(nameof(TorchBackendNotFoundException), errors, StringComparison.Ordinal);
        Assert.Contains("The loader said: Unable to load shared library 'LibTorchSharp'", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_built_application_has_a_relaxed_torchsharp_and_no_warning()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux needs the relaxing.");
        var application = packages.Copy("Trains");

        var output = packages.Dotnet(application, "build", Backend);

        Assert.DoesNotContain("MLADV001", output, StringComparison.Ordinal);
        var entry = Assert.Single(BackendTests.VersionNeeds(Path.Combine(application, "bin/Release/net10.0")), line => line.Contains("GLIBCXX_3.4.32", StringComparison.Ordinal));
        Assert.Contains("WEAK", entry, StringComparison.Ordinal);
    }

    [Fact]
    public void One_application_trains_and_saves_and_another_with_one_reference_scores_the_same()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The backend is that of Linux.");
        var (images, model) = (Letters(), Path.Combine(folder, "model.zip"));
        var (trains, scores) = (Path.Combine(folder, "trains"), Path.Combine(folder, "scores"));
        packages.Dotnet(packages.Copy("Trains"), "publish", ["-o", trains, .. Backend]);
        packages.Dotnet(packages.Copy("Scores"), "publish", "-o", scores);

        var atTraining = packages.Run(Path.Combine(trains, "Trains"), images, model);
        var later = packages.Run(Path.Combine(scores, "Scores"), images, model);

        AssertSame(atTraining, later);
        Assert.DoesNotContain(Directory.GetFiles(scores, "*", SearchOption.AllDirectories).Select(Path.GetFileName),
            file => file!.Contains("torch", StringComparison.OrdinalIgnoreCase) || file.Contains("Adversarial", StringComparison.Ordinal));
    }

    /// <summary>Each also loads what it saved: ML.NET finds its own parts within a bundle. ADVERSARIAL_PACKING switches on those that the last one, all in one file, does not need.</summary>
    [Theory]
    [InlineData("self-contained", "--self-contained", "true")]
    [InlineData("single file", "--self-contained", "false", "-p:PublishSingleFile=true")]
    [InlineData("single file with its native libraries", "--self-contained", "true", "-p:PublishSingleFile=true", "-p:IncludeNativeLibrariesForSelfExtract=true")]
    public void A_published_application_trains_and_scores_anywhere(string form, params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The backend is that of Linux.");
        Assert.SkipUnless(form.EndsWith("native libraries", StringComparison.Ordinal) || Environment.GetEnvironmentVariable("ADVERSARIAL_PACKING") == "true", "Slow: set ADVERSARIAL_PACKING to true.");
        var (images, model, published) = (Letters(), Path.Combine(folder, "model.zip"), Path.Combine(folder, form));
        packages.Dotnet(packages.Copy("Trains"), "publish", ["-o", published, "-r", "linux-x64", .. arguments, .. Backend]);

        var scores = packages.Run(Path.Combine(published, "Trains"), images, model);

        Assert.Equal(20, scores.Length);
        Assert.True(File.Exists(model));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Ten images of each of two letters.</summary>
    private string Letters()
    {
        var (training, _) = EmbeddedLetters.UnpackTo(Path.Combine(folder, "letters"));
        var few = Path.Combine(folder, "few");
        foreach (var letter in Directory.GetDirectories(training).Order(StringComparer.Ordinal).Take(2))
        {
            var copies = Directory.CreateDirectory(Path.Combine(few, Path.GetFileName(letter))).FullName;
            foreach (var file in Directory.GetFiles(letter, "*.png").Order(StringComparer.Ordinal).Take(10))
                File.Copy(file, Path.Combine(copies, Path.GetFileName(file)));
        }
        return few;
    }

    private static void AssertSame(string[] expected, string[] actual)
    {
        Assert.Equal(20, expected.Length);
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (one, other) in expected.Zip(actual))
        {
            var ((predicted, score), (predictedThere, scoreThere)) = (Line(one), Line(other));
            Assert.Equal(predicted, predictedThere);
            Assert.Equal(score, scoreThere, 1e-4);
        }
    }

    private static (string Predicted, double Score) Line(string line) => (line.Split(' ')[0], double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));

    private static Dictionary<string, string> Told(ZipArchive package)
    {
        using var stream = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        var metadata = XDocument.Load(stream).Root!.Elements().Single();
        return metadata.Elements().ToDictionary(element => element.Name.LocalName, element => element.Value);
    }

    private static string[] Within(ZipArchive package, string directory) =>
        [.. package.Entries.Where(entry => entry.FullName.StartsWith(directory, StringComparison.Ordinal)).Select(entry => entry.Name).Order(StringComparer.Ordinal)];

    private static string[] Below(ZipArchive package, string directory) =>
        [.. package.Entries.Select(entry => entry.FullName).Where(name => name.StartsWith(directory, StringComparison.Ordinal)).Select(name => name[directory.Length..]).Order(StringComparer.Ordinal)];

    private static string Text(ZipArchive package, string name)
    {
        using var reader = new StreamReader(package.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }
}
