using System.Text.Json;
using Microsoft.ML.Data;
using Tooling.ImageData;
using Tooling.Models;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Explorer;

/// <summary>What the explorer answers, over HTTP.</summary>
[Collection(SharedExplorer.Name)]
public sealed class ExplorerTests(SharedExplorer shared)
{
    private readonly ExplorerModels models = shared.Models;
    private readonly RunningExplorer explorer = shared.Explorer;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private byte[] Image => File.ReadAllBytes(models.TestImage.Path);

    [Fact]
    public async Task Both_models_say_of_an_upload_what_they_say_offline()
    {
        var answer = await explorer.PostJsonAsync("api/predictions", Image);

        foreach (var (name, file) in ((string, string)[])[("robust", models.Robust), ("plain", models.Plain)])
        {
            var told = answer.GetProperty("models").GetProperty(name).GetProperty("probabilities").EnumerateArray().Select(value => value.GetSingle()).ToArray();
            Assert.All(Offline(file).Zip(told), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        }
    }

    [Fact]
    public async Task The_gallery_has_images_of_every_class_and_each_can_be_asked_about()
    {
        var described = await explorer.GetAsync("api/models");

        Assert.Equal(10, described.GetProperty("classes").GetArrayLength());
        var images = described.GetProperty("images").EnumerateArray().ToList();
        Assert.Equal(40, images.Count);
        Assert.Equal(32 * 32, Convert.FromBase64String(images[0].GetProperty("picture").GetString()!).Length);
        var answer = await explorer.PostJsonAsync("api/predictions?image=39");
        Assert.Equal(images[39].GetProperty("label").GetInt32(), answer.GetProperty("label").GetInt32());
        Assert.Equal(images[39].GetProperty("picture").GetString(), answer.GetProperty("picture").GetString());
    }

    [Theory]
    [InlineData("attack=pgd&steps=5", "PGD-5 (L-inf 12/255")]
    [InlineData("attack=fgsm&epsilon=4", "FGSM (L-inf 4/255")]
    [InlineData("attack=apgd&steps=5&norm=l2&epsilon=0.5", "L2 0.5")]
    [InlineData("attack=pgd&steps=5&target=3", "target 3")]
    [InlineData("attack=square&steps=30", "L-inf 12/255")]
    public async Task An_attack_on_both_models_is_told_look_by_look(string query, string attack)
    {
        var told = await explorer.AttackAsync(query, Image);

        Assert.Equal("done", told[^1].Name);
        foreach (var model in (string[])["robust", "plain"])
        {
            var own = told.Where(one => one.Name != "done" && one.Data.GetProperty("model").GetString() == model).ToList();
            Assert.Equal(("begin", "end"), (own[0].Name, own[^1].Name));
            Assert.Contains(attack, own[0].Data.GetProperty("attack").GetString(), StringComparison.Ordinal);
            var looks = own.Where(one => one.Name == "look").ToList();
            Assert.Equal(0, looks[0].Data.GetProperty("look").GetInt32());
            Assert.All(looks, look => Assert.Equal(32 * 32, Convert.FromBase64String(look.Data.GetProperty("image").GetString()!).Length));
            // The class to be lost is the model's own: the clean image has it.
            Assert.Equal(own[0].Data.GetProperty("label").GetInt32(), looks[0].Data.GetProperty("class").GetInt32());
            Assert.Equal(own[^1].Data.GetProperty("isBroken").GetBoolean(), own[^1].Data.GetProperty("class").GetInt32() != own[0].Data.GetProperty("label").GetInt32());
        }
    }

    [Fact]
    public async Task Within_a_budget_of_0_an_attack_changes_nothing()
    {
        var clean = await explorer.PostJsonAsync("api/predictions", Image);

        var told = await explorer.AttackAsync("attack=pgd&steps=5&epsilon=0", Image);

        Assert.All(told.Where(one => one.Name == "end"), end =>
        {
            Assert.False(end.Data.GetProperty("isBroken").GetBoolean());
            Assert.Equal(clean.GetProperty("picture").GetString(), end.Data.GetProperty("image").GetString());
            Assert.Equal(0, end.Data.GetProperty("distance").GetDouble());
        });
    }

    [Fact]
    public async Task The_smallest_breaking_budget_lies_between_the_last_point_that_stood_and_the_first_that_broke()
    {
        var curves = (await explorer.PostJsonAsync("api/budgets", Image)).EnumerateArray().ToList();

        Assert.Equal(["robust", "plain"], curves.Select(curve => curve.GetProperty("model").GetString()));
        Assert.All(curves, curve =>
        {
            var label = curve.GetProperty("label").GetInt32();
            var broken = curve.GetProperty("points").EnumerateArray().Select(point => point.GetProperty("class").GetInt32() != label).ToList();
            Assert.Equal(33, broken.Count);
            Assert.Equal(broken.Order(), broken);
            var first = broken.IndexOf(true);
            if (first < 0)
                Assert.Equal(JsonValueKind.Null, curve.GetProperty("smallestBreaking").ValueKind);
            else
                Assert.InRange(curve.GetProperty("smallestBreaking").GetDouble(), first - 1, first);
        });
    }

    [Fact]
    public async Task Accuracies_fall_as_the_budget_grows_and_are_kept_for_the_next_start()
    {
        var curves = await explorer.CurvesAsync();

        foreach (var model in (string[])["robust", "plain"])
        {
            var accuracies = curves.GetProperty(model).EnumerateArray().Select(point => point.GetProperty("accuracy").GetDouble()).ToList();
            Assert.Equal(8, accuracies.Count);
            Assert.Equal(accuracies.OrderDescending(), accuracies);
        }
        Assert.NotEmpty(Directory.GetFiles(models.Folder, "accuracy-*.json"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_uploaded_model_gets_the_report_of_its_evaluation(bool isZip)
    {
        var name = isZip ? "my <model>.zip" : "my <model>.onnx";

        var id = (await explorer.PostJsonAsync($"api/audits?images=10&name={Uri.EscapeDataString(name)}", File.ReadAllBytes(isZip ? models.Zip : models.Plain))).GetProperty("id").GetString();
        JsonElement state;
        do
        {
            await Task.Delay(200, Cancellation);
            state = await explorer.GetAsync($"api/audits/{id}");
        }
        while (state.GetProperty("outcome").GetString() is "waiting" or "running");

        Assert.True(state.GetProperty("outcome").GetString() == "done", $"{state}");
        using var report = await explorer.Client.GetAsync($"api/audits/{id}/report", Cancellation);
        var page = await report.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("Robustness of my &lt;model&gt;", page, StringComparison.Ordinal);
        Assert.Contains("of 10 images withstand PGD-50", page, StringComparison.Ordinal);
        var policy = string.Join(' ', report.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'sha256-", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src 'unsafe", policy, StringComparison.Ordinal);
        // Nothing of the upload lies on the disk.
        Assert.All(Directory.GetFiles(Path.Combine(models.Folder, "scratch"), "*", SearchOption.AllDirectories), file => Assert.Equal("in-use", Path.GetFileName(file)));
    }

    private float[] Offline(string file)
    {
        var ml = new MLContext(seed: 1);
        using var model = ml.Adversarial().LoadNetwork(file);
        var scored = model.Transform(DeployedImages.Prepare(ml, new ImageSet([models.TestImage], 32, 32, IsGrey: true), model));
        return scored.GetColumn<float[]>("Score").Single();
    }
}
