namespace AnkerOrte.Benchmarks;

/// <summary>
/// The floor: what Kestrel needs to send these bytes when nobody thinks about them. No routing, no headers but type
/// and length. The bytes lie in a folder: 0.body, 0.type, 1.body, …; they are read at the start.
/// </summary>
internal static class Floor
{
    public static void Run(string folder, string[] args)
    {
        var answers = Directory.GetFiles(folder, "*.body").ToDictionary(
            file => "/" + Path.GetFileNameWithoutExtension(file),
            file => (Body: File.ReadAllBytes(file), Type: File.ReadAllText(Path.ChangeExtension(file, ".type"))));
        answers["/health/ready"] = ([], "text/plain");
        var app = WebApplication.CreateSlimBuilder(args).Build();
        app.Run(http =>
        {
            var (body, type) = answers[http.Request.Path.Value!];
            http.Response.ContentType = type;
            http.Response.ContentLength = body.Length;
            return http.Response.Body.WriteAsync(body, 0, body.Length);
        });
        app.Run();
    }

    /// <summary>An ASP.NET application with nothing in it, for the start-up time.</summary>
    public static void RunEmpty(string[] args)
    {
        var app = WebApplication.CreateBuilder(args).Build();
        app.MapGet("/health/ready", () => "ready");
        app.Run();
    }
}
